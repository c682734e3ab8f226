import Type from 'typebox';
import { OneOf } from './fields.ts';
import { defineOperation } from './operation.ts';

/** Both checks are mounted at the root, outside the version prefix. */
export const getLiveness = defineOperation({
  operationId: 'getLiveness',
  method: 'GET',
  path: '/health/live',
  tag: 'Health',
  summary: 'Whether the process runs',
  description: 'Asks nothing of the database.',
  auth: 'none',
  idempotency: 'none',
  success: {
    status: 200,
    description: 'It runs',
    schema: Type.Object({ status: Type.Literal('ok') }, { title: 'Liveness' }),
  },
  errors: [],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
});

export const getReadiness = defineOperation({
  operationId: 'getReadiness',
  method: 'GET',
  path: '/health/ready',
  tag: 'Health',
  summary: 'Whether the process can serve',
  description: 'Asks the database and what else a request needs.',
  auth: 'none',
  idempotency: 'none',
  success: {
    status: 200,
    description: 'It can serve',
    schema: Type.Object(
      {
        status: Type.Literal('ok'),
        checks: Type.Record(Type.String(), OneOf(['ok', 'failing']), { description: 'By part.' }),
      },
      { title: 'Readiness' },
    ),
  },
  errors: ['provider_unavailable'],
  evidence: [{ evidence: 'proposal', fact: 'The operation.' }],
});
