import { run } from 'node:test';
import { fileURLToPath } from 'node:url';

/**
 * Runs the package's tests in one engine until the first failure: enough for mutation testing. The most effective tests come first.
 */

const FILES = [
  'hosts/bare',
  'bare/requests',
  'bare/consent',
  'attacks/page/options',
  'attacks/page/events',
  'bare/rules',
  'bare/sessions',
  'bare/guard',
  'bare/panic',
  'bare/hostile',
];

const IN_ONE_ENGINE = [/V8 \(iOS\)/, /^(iOS|wasm): /];

const files = FILES.map((name) => fileURLToPath(new URL(`../../${name}.test.mjs`, import.meta.url)));
const enough = new AbortController();
let passed = 0;
for await (const { type, data } of run({ files, signal: enough.signal, testNamePatterns: IN_ONE_ENGINE })) {
  if (type === 'test:pass' && data.details.type !== 'suite' && !data.skip) passed += 1;
  if (type === 'test:fail' && !enough.signal.aborted) {
    console.log(`${data.name}: ${data.details.error?.cause ?? data.details.error}`);
    process.exitCode = 1;
    enough.abort();
  }
}
console.log(`${passed} passed`);
