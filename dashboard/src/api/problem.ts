import type { ErrorBody, ErrorCode } from '@openoms/contract/errors.ts';

/** `unreachable`: no answer came; `unreadable`: one came that is not the server's. */
export type ProblemCode = ErrorCode | 'unreachable' | 'unreadable';

/** What a call was refused with. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly code: ProblemCode;
  /** 0: no answer came. */
  readonly status: number;
  readonly requestId: string | undefined;
  /** What is wrong, by the path of the field. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: { readonly code: ProblemCode; readonly message: string } & Partial<
      Pick<ErrorBody, 'details' | 'requestId'>
    >,
  ) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.requestId = body.requestId;
    this.fields = Object.fromEntries((body.details ?? []).map(({ field, issue }) => [field, issue]));
  }

  /** Whether the same call may succeed when it is made again. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503;
  }
}

export function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const message = error instanceof Error ? error.message : 'Something went wrong.';
  return new ApiProblem(0, { code: 'unreadable', message });
}
