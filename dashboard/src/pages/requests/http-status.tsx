import { Badge } from '../../components/status.tsx';

const FIRST_FAILURE = 400;
const FIRST_OF_SERVER = 500;

/** A status of HTTP; the number says it, the colour repeats it. */
export const HttpStatus = ({ status }: { readonly status: number }) => (
  <Badge tone={status < FIRST_FAILURE ? 'done' : status < FIRST_OF_SERVER ? 'pending' : 'failed'}>
    <span className="figures">{status}</span>
  </Badge>
);
