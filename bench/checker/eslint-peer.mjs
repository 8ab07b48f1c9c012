// An ESLint rule that a team can write in an afternoon: it has the checker's lists, and looks at one function at a time.
const SOURCES = new Set(['getAuthUserInfo', 'getOpenUserInfo']);
const SINKS = new Set([
  'request',
  'httpRequest',
  'uploadFile',
  'connectSocket',
  'sendSocketMessage',
  'setStorage',
  'setStorageSync',
  'navigateToMiniProgram',
  'reportAnalytics',
  'callFunction',
  'post',
]);
const PANELS = new Set(['authorize']);
const LIFE_CYCLE = new Set(['onLaunch', 'onLoad', 'onShow', 'onReady', 'mounted', 'didMount']);

const calledName = (node) =>
  node.callee.type === 'MemberExpression' ? node.callee.property.name || node.callee.property.value : node.callee.name;

const ancestorsOf = (context, node) => context.sourceCode.getAncestors(node);

/** Finds a panel inside a life cycle function or at the top level. */
export const consentWithoutTap = {
  create: (context) => ({
    CallExpression(node) {
      const name = calledName(node);
      const asks = PANELS.has(name) || (name === 'getAuthCode' && context.sourceCode.getText(node).includes('auth_user'));
      if (!asks) {
        return;
      }
      const ancestors = ancestorsOf(context, node);
      const method = ancestors.findLast((item) => item.type === 'Property' && item.value.type === 'FunctionExpression');
      const functions = ancestors.some((item) => /Function/.test(item.type));
      if (!functions || LIFE_CYCLE.has(method?.key.name)) {
        context.report({ node, message: 'consent-without-tap' });
      }
    },
  }),
};

/** Finds a variable of a source's callback, or one destructured from it, in a sink's arguments. */
export const displayOnlyForwarded = {
  create(context) {
    const tainted = new Set();
    const mark = (pattern) => {
      for (const name of context.sourceCode.getText(pattern).match(/[\w$]+/g) ?? []) {
        tainted.add(name);
      }
    };
    const holds = (node) => {
      const names = context.sourceCode.getText(node).match(/[\w$]+/g) ?? [];
      return names.some((name) => tainted.has(name));
    };
    return {
      CallExpression(node) {
        const name = calledName(node);
        if (SOURCES.has(name)) {
          const success = node.arguments[0]?.properties?.find((property) => property.key?.name === 'success');
          (success?.value.params ?? []).forEach(mark);
        } else if (SINKS.has(name) && node.arguments.some(holds)) {
          context.report({ node, message: 'display-only-forwarded' });
        }
      },
      VariableDeclarator(node) {
        if (node.init && holds(node.init)) {
          mark(node.id);
        }
      },
    };
  },
};
