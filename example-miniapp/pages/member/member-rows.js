/** @type {Record<string, string>} */
const genders = { F: '女', M: '男' };

/** @param {number} value */
function twoDigits(value) {
  return value < 10 ? '0' + value : String(value);
}

/** @param {number} milliseconds since the Unix epoch */
function localTime(milliseconds) {
  const time = new Date(milliseconds);
  const day = [time.getFullYear(), twoDigits(time.getMonth() + 1), twoDigits(time.getDate())].join('-');
  return day + ' ' + twoDigits(time.getHours()) + ':' + twoDigits(time.getMinutes());
}

/**
 * The rows below the nickname of a stored member.
 *
 * @param {Member} member
 */
function memberRows(member) {
  const region = [member.province, member.city].filter(Boolean).join(' ');
  return [
    { label: '性别', value: genders[(member.gender || '').toUpperCase()] || '未提供' },
    { label: '地区', value: region || '未提供' },
    { label: '保存时间', value: localTime(member.storedAt) },
  ];
}

module.exports = { memberRows };
