import { execFileSync } from 'node:child_process';
import path from 'node:path';

const SCRIPT = `import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
*others, last = sys.stdin.read().split('\\0')
for statement in others: file.executescript(statement)
print(file.execute(last).fetchone()[0])`;

/**
 * Runs statements on the server's database in a folder.
 *
 * @param {string} folder
 * @param {...string} statements
 * @returns {string} the first value of the last one
 */
export function sqlite(folder, ...statements) {
  const args = ['-c', SCRIPT, path.join(folder, 'miniauth.db')];
  return execFileSync('python3', args, { encoding: 'utf8', input: statements.join('\0') }).trim();
}
