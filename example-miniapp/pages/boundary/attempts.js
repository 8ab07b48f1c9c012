const { percentEncode, base64Encode } = require('./encode');

/** @typedef {{ name: string, options: RequestOptions }} Attempt */

/**
 * Seven ways in which real apps send display information. A nickname of fewer than four characters may be a common word: the library
 * searches for it only under a name such as `nick` or `userInfo`.
 *
 * @param {string} server
 * @param {{ nickName: string, avatar: string }} plain
 * @returns {Attempt[]}
 */
function attempts(server, plain) {
  const url = server + '/profile';
  const { nickName, avatar } = plain;
  /** @type {RequestOptions} */
  const common = { url, method: 'POST', session: 'none' };
  /** @type {[string, Partial<RequestOptions>][]} */
  const ways = [
    ['原样放进请求体', { data: { nickName } }],
    ['藏在嵌套的对象里', { data: { order: { people: [{ picture: avatar }] } } }],
    ['写进 JSON 字符串', { data: { payload: JSON.stringify({ nickName }) } }],
    ['百分号编码', { data: { nick: percentEncode(nickName) } }],
    ['Base64 编码', { data: { userInfo: base64Encode(nickName) } }],
    ['拼进网址', { url: url + '?nick=' + encodeURIComponent(nickName) }],
    ['放进请求头', { headers: { 'x-picture': avatar } }],
  ];
  return ways.map(([name, way]) => ({ name, options: Object.assign({}, common, way) }));
}

module.exports = { attempts };
