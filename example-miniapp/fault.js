/**
 * What a page shows of an error: what the person can do, in both languages.
 *
 * An error of the shop's own server arrives as `http_status`; its problem document then says more than the status does.
 *
 * @param {unknown} error
 * @returns {Fault}
 */
function toFault(error) {
  const { code, advice, response } = /** @type {Partial<MiniauthFailure>} */ (error || {});
  const problem = response && response.data;
  if (problem && problem.advice) {
    return { code: problem.code, zh: problem.advice.zh, en: problem.advice.en };
  }
  if (code && advice) {
    return { code, zh: advice.zh, en: advice.en };
  }
  return { code: 'page_error', zh: '页面出错了，请返回后重试。', en: String(error) };
}

module.exports = { toFault };
