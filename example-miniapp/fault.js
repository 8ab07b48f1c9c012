/**
 * Converts an error to what a page shows: what the user can do, in both languages.
 *
 * @param {unknown} error
 * @returns {Fault}
 */
function toFault(error) {
  const { code, advice } = /** @type {Partial<MiniauthError>} */ (error || {});
  if (code && advice) {
    return { code, zh: advice.zh, en: advice.en };
  }
  return { code: 'page_error', zh: '页面出错了，请返回后重试。', en: String(error) };
}

module.exports = { toFault };
