/** What every promise of this package rejects with. */
export class MiniauthError extends Error {
  /** @param {{ code: string, message: string, adviceZh: string, adviceEn: string, [field: string]: unknown }} failure */
  constructor(failure) {
    super(failure.message);
    this.name = 'MiniauthError';
    this.code = failure.code;
    this.advice = { zh: failure.adviceZh, en: failure.adviceEn };
    this.cause = failure.cause;
    /** Where display information was found, as `data.user.nickName`. */
    this.where = failure.where;
    /** How it was encoded there. */
    this.encoding = failure.encoding;
    /** What the server answered, where it did. */
    this.response = failure.response;
  }
}

/**
 * The module's failures come as plain objects; anything else is an error of the engine or of the page's own code, which
 * stays what it is.
 *
 * @param {unknown} thrown
 * @returns {unknown}
 */
export function toError(thrown) {
  const failure = /** @type {any} */ (thrown);
  return failure && typeof failure.code === 'string' && typeof failure.adviceZh === 'string'
    ? new MiniauthError(failure)
    : thrown;
}

/** @param {string} message */
export function optionsInvalid(message) {
  return new MiniauthError({
    code: 'options_invalid',
    message,
    adviceZh: '调用参数不正确，请联系小程序开发者。',
    adviceEn: 'See message for the option and what it takes.',
  });
}

/** @param {string} name of the platform's call, which answers at once */
export function displayOnlyUnchecked(name) {
  return new MiniauthError({
    code: 'display_only_unchecked',
    message: `my.${name} cannot be checked by a Worker, and display information is known.`,
    adviceZh: '昵称和头像仅用于页面展示，此操作无法检查，已被拒绝。',
    adviceEn: 'Use the call that answers by callback, such as my.setStorage.',
  });
}

/** @param {unknown} cause */
export function startFailed(cause) {
  return new MiniauthError({
    code: 'start_failed',
    message: 'The module could not be started.',
    adviceZh: '登录组件启动失败，请升级支付宝后重试。',
    adviceEn: 'The engine could not run the module; see cause.',
    cause,
  });
}

/** @param {string} cause the panic's message */
export function instanceLost(cause) {
  return new MiniauthError({
    code: 'instance_lost',
    message: 'The module failed and cannot be used any more.',
    adviceZh: '登录组件出错，请重新打开小程序。',
    adviceEn: 'Report the message with the steps that led to it, and open the mini-program again.',
    cause,
  });
}
