import type { ChildProcess } from 'node:child_process';

/** Programs that tests have started and not ended yet. */
const children = new Set<ChildProcess>();
let isListening = false;

/** Has a program end with this process, if that is told to end before the program's test has ended it. */
export function own<T extends ChildProcess>(child: T): T {
  if (!isListening) {
    process.on('exit', () => {
      for (const one of children) one.kill('SIGKILL');
    });
    process.once('SIGTERM', () => process.exit());
    isListening = true;
  }
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}
