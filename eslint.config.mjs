import js from '@eslint/js';
import globals from 'globals';

/** The globals of page logic besides the language's own: it has neither a browser's nor Node's. */
const MINI_PROGRAM = {
  my: 'readonly',
  App: 'readonly',
  Page: 'readonly',
  Component: 'readonly',
  getApp: 'readonly',
  getCurrentPages: 'readonly',
  console: 'readonly',
  setTimeout: 'readonly',
  clearTimeout: 'readonly',
  setInterval: 'readonly',
  clearInterval: 'readonly',
};

/** Built-ins of ES2018 that some mini-program engines lack or forbid. */
const MISSING_BUILT_INS = { Atomics: 'off', SharedArrayBuffer: 'off', eval: 'off', Function: 'off' };

/** Undocumented in page logic, but present in the IDE's simulator and on iOS: code checks with `typeof` first. */
const WEB_ASSEMBLY = { WebAssembly: 'readonly' };

const STRICT_RULES = {
  'array-callback-return': 'error',
  'consistent-return': 'error',
  'default-case-last': 'error',
  eqeqeq: 'error',
  'max-lines': ['error', { max: 400 }],
  'no-alert': 'error',
  'no-constructor-return': 'error',
  'no-duplicate-imports': 'error',
  'no-else-return': 'error',
  'no-eval': 'error',
  'no-extend-native': 'error',
  'no-implicit-coercion': ['error', { boolean: false }],
  'no-implied-eval': 'error',
  'no-lonely-if': 'error',
  'no-new-func': 'error',
  'no-promise-executor-return': ['error', { allowVoid: true }],
  'no-return-assign': 'error',
  'no-self-compare': 'error',
  'no-sequences': 'error',
  'no-shadow': 'error',
  'no-throw-literal': 'error',
  'no-unneeded-ternary': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-expressions': 'error',
  'no-useless-computed-key': 'error',
  'no-useless-concat': 'error',
  'no-useless-rename': 'error',
  'no-useless-return': 'error',
  'no-var': 'error',
  'no-warning-comments': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'prefer-object-has-own': 'off',
  'prefer-promise-reject-errors': 'error',
  radix: 'error',
  'symbol-description': 'error',
};

/** A skipped test looks like one that passed. */
const NO_TEST_LEFT_OUT = {
  'no-restricted-properties': [
    'error',
    ...['test', 'it', 'describe', 'suite', 't'].flatMap((object) =>
      ['only', 'skip', 'todo'].map((property) => ({ object, property, message: 'No test may be skipped.' })),
    ),
  ],
};

export default [
  { ignores: ['**/node_modules/', 'crates/', 'target/', 'js/generated/', '.miniauth/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  // Everything except the build's output.
  { ignores: ['pkg/dist/**'], rules: { ...js.configs.recommended.rules, ...STRICT_RULES } },

  // Tools, tests and the simulator's server run on Node.
  {
    files: ['**/*.mjs'],
    ignores: ['simulator/phone/**', 'simulator/worker/**', 'simulator/background/**', 'pkg/dist/**'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.nodeBuiltin },
  },
  { files: ['**/*.test.mjs', '**/test/**/*.mjs', 'tests/**/*.mjs'], rules: NO_TEST_LEFT_OUT },
  // Functions that Playwright runs in the page.
  {
    files: ['tests/flow/**/*.mjs', 'tests/hosts/support/*.mjs', 'simulator/test/**/*.mjs'],
    languageOptions: { globals: globals.browser },
  },

  // The simulator's page and its Workers run in the browser.
  {
    files: ['simulator/phone/**/*.{js,mjs}'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.browser },
  },
  {
    files: ['simulator/{worker,background}/**/*.{js,mjs}'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.worker },
  },

  // The client: the build translates newer syntax, but not newer built-ins.
  {
    files: ['js/src/**/*.js'],
    languageOptions: {
      ecmaVersion: 2018,
      sourceType: 'module',
      parserOptions: { ecmaVersion: 2023 },
      globals: { ...MINI_PROGRAM, ...MISSING_BUILT_INS, ...WEB_ASSEMBLY },
    },
  },

  // Tests of the example's pages, for three runners.
  {
    files: ['examples/page-tests/**/*.{cjs,js}'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: { ...globals.node, ...globals.jest } },
  },

  // The examples in other frameworks: their sources and build settings.
  {
    files: ['examples/uni-app/src/**/*.js', 'examples/mpx/src/**/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: MINI_PROGRAM },
  },
  {
    files: ['examples/taro/*.js', 'examples/taro/config/*.js', 'examples/mpx/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: globals.node },
  },

  // The example and the test pages are native mini-programs: nothing translates them.
  {
    files: ['example-miniapp/**/*.js', 'tests/hosts/{app,behaviours}/**/*.js', 'tests/flow/tutorial/**/*.js'],
    languageOptions: {
      ecmaVersion: 2018,
      sourceType: 'commonjs',
      globals: { ...MINI_PROGRAM, ...MISSING_BUILT_INS, ...WEB_ASSEMBLY },
    },
  },

  // The mini-program for the simulator's tests; one of its pages tries what must not work.
  {
    files: ['simulator/test/fixtures/**/*.js'],
    languageOptions: {
      ecmaVersion: 2018,
      sourceType: 'commonjs',
      globals: { ...MINI_PROGRAM, ...WEB_ASSEMBLY },
    },
    // The pages also declare their globals in a comment.
    rules: { 'no-redeclare': ['error', { builtinGlobals: false }] },
  },
  { files: ['simulator/test/fixtures/**/isolation/*.js'], rules: { 'no-eval': 'off', 'no-new-func': 'off' } },

  // The built package: no syntax above ES2018, and no global that a mini-program lacks. Two are allowed: wasm-bindgen's glue checks
  // for FinalizationRegistry with `typeof`, and uses BigInt only when it is given one.
  {
    files: ['pkg/dist/*.js', 'pkg/dist/*.mjs'],
    languageOptions: {
      ecmaVersion: 2018,
      globals: { ...MINI_PROGRAM, ...MISSING_BUILT_INS, ...WEB_ASSEMBLY, BigInt: 'readonly', FinalizationRegistry: 'readonly' },
    },
    rules: { 'no-undef': 'error', 'no-eval': 'error', 'no-implied-eval': 'error', 'no-new-func': 'error' },
  },
  // The entry for tests of pages runs on Node.
  { files: ['pkg/dist/testing.{js,mjs}'], languageOptions: { globals: { ...globals.nodeBuiltin, globalThis: 'readonly' } } },
  { files: ['pkg/*.js', 'pkg/dist/*.js'], languageOptions: { sourceType: 'commonjs' } },
  { files: ['pkg/dist/*.mjs'], languageOptions: { sourceType: 'module' } },
];
