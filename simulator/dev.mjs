#!/usr/bin/env node
/**
 * Runs the whole stack until it is told to end:
 *
 *   node simulator/dev.mjs FOLDER --map https://api.shop.example=http://127.0.0.1:3000     (--help lists all)
 *
 * The stack has a session of its own, where Ctrl-C in a terminal does not reach it: the bundler, which is a program of its own,
 * would break off with a stack trace. It ends when its input does, and so also when this program is killed.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = [fileURLToPath(new URL('stack/run.mjs', import.meta.url)), ...process.argv.slice(2)];

const stack = spawn(process.execPath, command, { detached: true, stdio: ['pipe', 'inherit', 'inherit'] });
let asked = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (asked) process.kill(-stack.pid, 'SIGKILL');
    else stack.stdin.end();
    asked = true;
  });
}
// It may have ended by itself.
stack.stdin.on('error', () => {});
stack.on('exit', (code) => process.exit(code ?? 1));
