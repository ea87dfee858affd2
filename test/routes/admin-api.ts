import { expect } from 'vitest';

/** The operator's token of the servers under test. */
export const ADMIN_TOKEN = 'the-admin-token-of-the-tests';

/** The admin API of a server, as an operator asks it. */
export async function ask(
  server: { url: string },
  request: string,
  body?: string,
  headers: Record<string, string> = { authorization: `Bearer ${ADMIN_TOKEN}` },
): Promise<{ status: number; body: unknown }> {
  const [method, path] = request.split(' ') as [string, string];
  const response = await fetch(`${server.url}/admin/rooms${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  expect(text).not.toContain(ADMIN_TOKEN);
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}
