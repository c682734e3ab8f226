import { problemOf } from '../api/problem.ts';
import { Banner } from './banner.tsx';

interface FormProblemProps {
  /** Of the mutation; nothing is shown without one. */
  readonly error: unknown;
  /** Fields that show what is wrong with them themselves. */
  readonly shown?: readonly string[];
}

/** Why the form was refused: the message, and what no field of the form can say. */
export function FormProblem({ error, shown = [] }: FormProblemProps) {
  if (error == null) return null;
  const { message, fields } = problemOf(error);
  const rest = Object.entries(fields).filter(([field]) => !shown.includes(field));
  if (rest.length === 0 && Object.keys(fields).length > 0)
    return (
      <p role="alert" className="sr-only">
        {message}
      </p>
    );
  return (
    <Banner tone="failed" isAlert title={message}>
      {rest.length > 0 && (
        <ul>
          {rest.map(([field, issue]) => (
            <li key={field}>
              <span className="font-mono text-xs">{field}</span> {issue}
            </li>
          ))}
        </ul>
      )}
    </Banner>
  );
}
