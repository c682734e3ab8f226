import { Fragment } from 'react';

/** Where a name has joints: after a dot or a slash, before an @. */
const JOINTS = /(?<=[./])|(?=@)/;

/** A name without spaces, such as that of an event, which breaks at its joints where there is too little room. */
export const Breakable = ({ text }: { readonly text: string }) =>
  text.split(JOINTS).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name, and may be the same
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
