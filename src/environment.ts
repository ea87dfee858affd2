import { ConfigError } from './config-error.ts';
import { type Settings, settings } from './settings.ts';

/** The settings without the empty ones, which count as not given. */
export function given(env: Record<string, string | undefined>): Record<string, string> {
  const names = Object.keys(settings.properties);
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

/**
 * Refuses what Ajv would turn into a number although nobody meant one: a blank would be 0, 1e999 no limit.
 *
 * @throws ConfigError
 */
export function checkNumbers(env: Record<string, string>): void {
  for (const [name, value] of Object.entries(env)) {
    const { type } = settings.properties[name as keyof Settings] as { type: string };
    if (type !== 'string' && !/^[+-]?\d+(\.\d+)?$/.test(value.trim())) throw wrong(name, env);
  }
}

/** Turns the first failed check into a line that says what the setting takes. */
export function explain(errors: { instancePath: string }[], env: Record<string, string>): ConfigError {
  return wrong(errors[0]!.instancePath.slice(1), env);
}

function wrong(name: string, env: Record<string, string>): ConfigError {
  const schema = settings.properties[name as keyof Settings] as {
    type: string;
    enum?: string[];
    minimum?: number;
    maximum?: number;
  };
  const kind = schema.type === 'integer' ? 'an integer' : 'a number';
  const range =
    schema.maximum === undefined
      ? `of at least ${schema.minimum}`
      : `from ${schema.minimum} to ${schema.maximum}`;
  const takes = schema.enum ? `one of ${schema.enum.join(', ')}` : `${kind} ${range}`;
  return new ConfigError(name, env[name] ?? '', takes);
}
