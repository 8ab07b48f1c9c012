/**
 * Opens a page of the app as the platform does: what it passed to `Page`, with data and `setData`. The page's module is loaded
 * anew each time, and so is what it shares with others.
 *
 * @param {string} file the page's script
 * @param {object} my the platform's object that page code finds
 * @param {(file: string) => void} load requires it, by the means of the test runner
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
