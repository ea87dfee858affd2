import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../src/app.ts';

// Writes the description of the HTTP routes, from their own schemas; those that a setting opens are among them.

const app = await buildApp({ ENVIRONMENT: 'test', LOG_LEVEL: 'silent', ADMIN_TOKEN: 'none' });
const file = join(import.meta.dirname, '../dist/openapi.json');
writeFileSync(file, `${JSON.stringify(app.swagger(), null, 2)}\n`);
await app.close();
