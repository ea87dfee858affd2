import { join } from 'node:path';
import type { NextConfig } from 'next';

const headers = [
  // The address of a meeting is the key to it: it is told to no other site. With `no-referrer`, forms would come
  // from the origin `null`, which Next refuses.
  { key: 'referrer-policy', value: 'same-origin' },
  { key: 'permissions-policy', value: 'camera=(self), microphone=(self), display-capture=(self)' },
  { key: 'x-content-type-options', value: 'nosniff' },
  {
    key: 'content-security-policy',
    value: "base-uri 'self'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  },
];

const config: NextConfig = {
  poweredByHeader: false,
  // The library lies in this repository, outside of the app's folder.
  turbopack: { root: join(import.meta.dirname, '../..') },
  headers: () => [{ source: '/:path*', headers }],
};

export default config;
