/** The part of a pino logger that the rooms use. */
export interface Log {
  level: string;
  trace(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
