/** Settings whose value is never printed. */
const SECRET = new Set([
  'JWT_SECRET',
  'TURN_SECRET',
  'STATS_TOKEN',
  'ADMIN_TOKEN',
  'WEBHOOK_URL',
  'WEBHOOK_SECRET',
  'REDIS_URL',
]);

/** A setting that can't be used. Its message is one line, and holds no secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';

  /**
   * @param name the environment variable
   * @param got its value
   * @param takes what it should be: "an integer of at least 0"
   */
  constructor(name: string, got: string, takes: string) {
    // What stands before an `@` is a name and a password.
    const shown = SECRET.has(name)
      ? 'a value that is not shown'
      : JSON.stringify(got.replace(/[^,]*@/g, '…@'));
    super(`${name}: got ${got === '' ? 'nothing' : shown}, takes ${takes}`);
  }
}
