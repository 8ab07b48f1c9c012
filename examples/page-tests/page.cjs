/**
 * Opens a page of the app as the platform does: the options of `Page`, with data and `setData`. The page's module, and what it shares with
 * others, is loaded again each time.
 *
 * @param {string} file the page's script
 * @param {object} my the platform's object for page code
 * @param {(file: string) => void} load requires the script with the test runner's means
 */
exports.openPage = (file, my, load) => {
  let page;
  globalThis.my = my;
  globalThis.App = () => {};
  globalThis.Page = (given) => {
    page = given;
  };
  load(file);
  const setData = (changes) => void Object.assign(opened.data, changes);
  const opened = { ...page, data: { ...page.data }, setData };
  return opened;
};
