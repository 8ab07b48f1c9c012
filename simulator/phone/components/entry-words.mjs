/** Describes each kind of timeline entry: a title, a summary, and whether it succeeded. */

/**
 * @typedef {import('../timeline.mjs').Entry} Entry
 * @typedef {{ title: string, summary: string, tone: 'good' | 'bad' | 'wait' | 'plain' }} Words
 */

/** @type {Record<import('../timeline.mjs').Kind, { zh: string, en: string, words(entry: any): Words }>} */
export const KINDS = {
  'platform-call': { zh: '平台调用', en: 'call', words: platformCall },
  panel: { zh: '弹窗', en: 'panel', words: panel },
  decision: { zh: '判定', en: 'decision', words: decision },
  request: { zh: '请求', en: 'request', words: request },
  socket: { zh: '', en: 'WebSocket', words: socket },
  'gateway-call': { zh: '网关', en: 'gateway', words: gatewayCall },
  revocation: { zh: '取消授权', en: 'withdrawn', words: ({ user }) => ({ title: user, summary: '用户在支付宝设置中取消', tone: 'plain' }) },
  message: { zh: '平台消息', en: 'message', words: platformMessage },
  rebuild: { zh: '更新', en: 'change', words: rebuild },
  console: {
    zh: '控制台',
    en: 'console',
    words: ({ level, values }) => ({
      title: level,
      summary: values.map(brief).join(' '),
      tone: level === 'error' ? 'bad' : 'plain',
    }),
  },
  notice: { zh: '提示', en: 'hint', words: (entry) => ({ ...placed(entry), tone: 'wait' }) },
  error: { zh: '错误', en: 'error', words: (entry) => ({ ...placed(entry), tone: 'bad' }) },
};

function placed({ file, line, column, message, origin = 'simulator' }) {
  return { title: file ? [file, line, column].filter(Boolean).join(':') : origin, summary: message };
}

const TONES = { pending: 'wait', success: 'good', fail: 'bad' };

function platformCall({ name, fields, outcome, result, milliseconds }) {
  const given =
    name === 'httpRequest' || name === 'request'
      ? `${fields.method ?? 'GET'} ${String(fields.url).replace('https://', '')}`
      : briefObject(fields);
  const problem = outcome === 'fail' && `→ ${[result.error, result.errorMessage].filter((part) => part !== undefined).join(' ')}`;
  return {
    title: name.startsWith('<') ? name : `my.${name}`,
    summary: join(given, problem, milliseconds !== undefined && `${milliseconds} ms`),
    tone: TONES[outcome],
  };
}

const PANEL_NAMES = {
  consent: '授权弹窗',
  privacy: '隐私弹窗',
  settings: '设置页',
  contract: '隐私协议',
  image: '选择图片',
  alert: '警告框',
  toast: '弱提示',
};
const ACTIONS = {
  shown: '等待用户',
  accept: '同意',
  agree: '同意',
  refuse: '拒绝',
  'refuse-for-good': '拒绝，不再询问',
  disagree: '不同意',
  back: '按返回键关闭',
  background: '退到后台',
  chosen: '已选择',
  close: '关闭',
  closed: '关闭',
};
const TONES_OF_ACTIONS = {
  accept: 'good',
  agree: 'good',
  chosen: 'good',
  refuse: 'bad',
  'refuse-for-good': 'bad',
  disagree: 'bad',
  back: 'bad',
  background: 'bad',
  shown: 'wait',
};

function panel({ panel: name, action, content, reason }) {
  return {
    title: PANEL_NAMES[name] ?? name,
    summary: join(reason, content, ACTIONS[action] ?? action),
    tone: TONES_OF_ACTIONS[action] ?? 'plain',
  };
}

function decision({ decision: made }) {
  const { kind, operation, outcome, reason, code, purpose, where, encoding } = made ?? {};
  const bad = /refus|reject|denied|fail|block|error/.test(String(outcome));
  const place = where && !reason?.includes(where) ? join(where, encoding) : '';
  return {
    title: join(kind, operation) || brief(made),
    summary: join(outcome, reason, code, purpose && `“${purpose}”`, place),
    tone: bad ? 'bad' : 'good',
  };
}

function request({ method, url, status, outcome, errorMessage, milliseconds }) {
  const { pathname, search } = new URL(url);
  const good = status >= 200 && status < 300;
  return {
    title: `${method} ${pathname}${search}`,
    summary: `${status ?? errorMessage ?? outcome} · ${milliseconds} ms`,
    tone: good ? 'good' : 'bad',
  };
}

const SOCKET_EVENTS = { open: '已连接', sent: '→', message: '←', close: '已关闭', error: '连接失败' };

function socket({ url, event, data, code, reason, error, errorMessage }) {
  const said = data === undefined ? join(code, reason, error, errorMessage) : brief(data);
  return {
    title: new URL(url).pathname,
    summary: [SOCKET_EVENTS[event], said].filter(Boolean).join(' '),
    tone: event === 'error' ? 'bad' : 'good',
  };
}

const SHOWN = {
  style: '样式已更新，页面与数据保留',
  views: '页面已重绘，数据保留',
  logic: '代码已替换，App 重新启动，页面栈与数据保留',
  reload: '已整体重新加载',
};

function rebuild({ files, does, because, milliseconds }) {
  const why = because && `${because} 影响整个小程序`;
  return {
    title: brief(files.join(' ')),
    summary: join(SHOWN[does], why, milliseconds !== undefined && `${milliseconds} ms`),
    tone: does === 'reload' ? 'wait' : 'good',
  };
}

function gatewayCall({ method, outcome, user, fault }) {
  return {
    title: method,
    summary: join(outcome, user, fault && `故障 ${fault}`),
    tone: outcome === 'ok' ? 'good' : 'bad',
  };
}

const UNSENT = { lost: '消息丢失', no_address: '未配置应用网关地址' };

function platformMessage({ method, user, state, status, answer, error, next }) {
  const again = next && `${new Date(next).toLocaleTimeString()} 重发`;
  return {
    title: method,
    summary: join(user, UNSENT[state] ?? error ?? `${status} ${brief(answer)}`, again),
    tone: state === 'delivered' ? 'good' : 'bad',
  };
}

function join(...parts) {
  return parts.filter(Boolean).join(' · ');
}

function briefObject(fields) {
  return Object.entries(fields ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${brief(value)}`)
    .join(', ');
}

function brief(value) {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
