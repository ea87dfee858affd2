import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with a plain count, and with the names of what was skipped. */
export default class Count implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      let any = false;
      for (const test of module.children.allTests()) {
        any = true;
        const { state } = test.result();
        count[state]++;
        if (state === 'skipped') skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
      }
      if (!any || !module.ok()) if (module.errors().length > 0 || !any) count.failed++;
    }
    count.failed += count.pending;
    for (const name of skipped) console.log(`skipped: ${name}`);
    if (process.env.CI && skipped.length > 0) {
      console.log('A skipped test counts as failed where CI is set: run "npm run setup" first.');
      count.failed += skipped.length;
      process.exitCode = 1;
    }
    console.log(`${count.passed} passed, ${count.failed} failed`);
  }
}
