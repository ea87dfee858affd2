import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { hasBearer } from '../src/auth/bearer.ts';

/** The answer to one who brings no good token. */
export const Refused = Type.Object(
  { error: Type.String(), message: Type.String() },
  { description: 'It was refused, and why' },
);

/** For the API page: one comes in with a token of this kind; without, too, where none is wanted. */
export const maybe = (scheme: string): Record<string, string[]>[] => [{ [scheme]: [] }, {}];

/** For the API page, what all routes of an operator have. */
export const forOperators = { tags: ['operators'], security: maybe('statsToken') };

/**
 * Lets only those in who bring the operator's token, if there is one.
 *
 * @param token empty: everybody may come in
 * @param name the setting that it is from
 */
export function guard(token: string, name = 'STATS_TOKEN') {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (token === '' || hasBearer(request.headers.authorization, token)) return done();
    reply.code(401).header('WWW-Authenticate', 'Bearer');
    reply.send({ error: 'Unauthorized', message: `This wants "Authorization: Bearer" with the ${name}.` });
  };
}
