import { bytesOf } from './body.mjs';
import { CallFault } from './call-fault.mjs';
import { encoding } from './encodings.mjs';
import { USER_FOLDER } from './files.mjs';
import { isArrayBuffer } from './plain.mjs';
import { fileInfo, savedFiles } from './saved-files.mjs';
import { unzip } from './zip.mjs';

const MEGABYTE = 1024 * 1024;

/** The media types of files that page code writes, by extension. */
const TYPES = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  webp: 'image/webp',
};

/**
 * The actions of `my.getFileSystemManager()`, by name without `Sync`. Where the documents are silent: a written file's folder must exist, a
 * temporary file cannot be deleted or moved, a folder that is read as a file fails with 3, and an archive that holds too much is not unpacked
 * at all, which is 3 too.
 *
 * @param {import('./files.mjs').Files} files
 * @param {ReturnType<typeof import('../../platform/reader.mjs').readPlatform>} facts
 * @param {Record<string, string>} [packaged] the package's files that page code may read, in base64 by path
 * @returns {Record<string, (options: any) => object>}
 */
export function fileSystem(files, facts, packaged = {}) {
  const { limits } = facts.call('FileSystemManager.writeFile');
  const [oneFile, allFiles] = [limits.file_megabytes * MEGABYTE, limits.total_megabytes * MEGABYTE];
  const done = { success: true };

  /** Checks that the options with these names are paths. */
  const paths = (name, ...given) => {
    if (given.some((path) => typeof path !== 'string' || path === '')) throw fault(name, 2);
    return given.map((path) => (path.length > 1 ? path.replace(/\/+$/, '') : path));
  };
  const fault = (name, number) => CallFault.of(facts, `FileSystemManager.${name}`, number);
  const exists = (path) => files.entries.has(path);
  const isInside = (path) => path.startsWith(`${USER_FOLDER}/`);
  const checkWritable = (name, path) => {
    if (!isInside(path)) throw fault(name, 10024);
  };
  const found = (name, path) => {
    const file = files.find(path);
    if (!file) throw fault(name, files.isFolder(path) ? 3 : 10022);
    return file;
  };

  /** How many bytes the user's folder may still take, without the file at this path. */
  const space = (path) =>
    files.below(USER_FOLDER).reduce((left, [within, { bytes }]) => {
      return left - (bytes && `${USER_FOLDER}/${within}` !== path ? bytes.length : 0);
    }, allFiles);

  /** Puts a file in the user's folder, within its limits. */
  const put = (name, path, content, numberOfNoFolder = 3) => {
    checkWritable(name, path);
    if (!files.isFolder(parentOf(path))) throw fault(name, numberOfNoFolder);
    if (content.bytes.length > oneFile || content.bytes.length > space(path)) throw fault(name, 10028);
    files.keep(path, content);
  };
  const contentOf = (name, { data, encoding: named = 'utf8' }) => {
    if (isArrayBuffer(data)) return new Uint8Array(data).slice();
    const coded = encoding(named);
    if (typeof data !== 'string' || !coded) throw fault(name, 2);
    return coded.encode(data);
  };

  return {
    access({ path: given }) {
      const [path] = paths('access', given);
      if (!exists(path)) throw fault('access', 10022);
      return done;
    },
    appendFile({ filePath, ...given }) {
      const [path] = paths('appendFile', filePath);
      const added = contentOf('appendFile', given);
      checkWritable('appendFile', path);
      if (files.isFolder(path)) throw fault('appendFile', 10025);
      const { bytes, type } = found('appendFile', path);
      const whole = new Uint8Array(bytes.length + added.length);
      whole.set(bytes);
      whole.set(added, bytes.length);
      put('appendFile', path, { bytes: whole, type });
      return done;
    },
    copyFile({ srcPath, destPath }) {
      const [from, to] = paths('copyFile', srcPath, destPath);
      const file = files.find(from);
      if (!file) throw fault('copyFile', 10022);
      if (files.isFolder(to)) throw fault('copyFile', 10023);
      put('copyFile', to, file, 10022);
      return done;
    },
    getFileInfo({ filePath, digestAlgorithm }) {
      const [path] = paths('getFileInfo', filePath);
      return fileInfo(files.find(path), digestAlgorithm, facts);
    },
    getSavedFileList: () => ({
      fileList: savedFiles(files).map(([filePath, { bytes, modified }]) => ({
        filePath,
        size: bytes.length,
        createTime: seconds(modified),
      })),
    }),
    mkdir({ dirPath, recursive }) {
      const [path] = paths('mkdir', dirPath);
      checkWritable('mkdir', path);
      if (exists(path)) throw fault('mkdir', 10025);
      const missing = foldersDownTo(path).filter((each) => !files.isFolder(each));
      if (missing.length > 1 && recursive !== true) throw fault('mkdir', 10022);
      if (missing.some(exists)) throw fault('mkdir', 10025);
      for (const each of missing) files.makeFolder(each);
      return done;
    },
    readFile({ filePath, encoding: named }) {
      const [path] = paths('readFile', filePath);
      const coded = named === undefined ? undefined : encoding(named);
      if (named !== undefined && !coded) throw fault('readFile', 2);
      const inPackage = path.replace(/^\.?\//, '');
      const { bytes } = Object.hasOwn(packaged, inPackage) ? { bytes: bytesOf(packaged[inPackage]) } : found('readFile', path);
      return coded ? { data: coded.decode(bytes), dataType: 'string' } : { data: bytes.slice().buffer, dataType: 'ArrayBuffer' };
    },
    readdir({ dirPath }) {
      const [path] = paths('readdir', dirPath);
      if (!files.isFolder(path)) throw fault('readdir', 10022);
      const names = files.below(path).map(([within]) => within);
      return { files: names.filter((name) => !name.includes('/')) };
    },
    removeSavedFile({ filePath }) {
      const [path] = paths('removeSavedFile', filePath);
      if (!files.find(path)?.saved) throw fault('removeSavedFile', 10022);
      files.remove(path);
      return done;
    },
    rename({ oldPath, newPath }) {
      const [from, to] = paths('rename', oldPath, newPath);
      if (!exists(from)) throw fault('rename', 10022);
      for (const path of [from, to]) checkWritable('rename', path);
      if (exists(to)) throw fault('rename', 10025);
      if (!files.isFolder(parentOf(to)) || to.startsWith(`${from}/`)) throw fault('rename', 10022);
      const tree = [['', files.entries.get(from)], ...files.below(from).map(([within, entry]) => [`/${within}`, entry])];
      for (const [within, entry] of tree) {
        if (entry.isFolder) files.makeFolder(to + within);
        else files.keep(to + within, entry);
        files.remove(from + within);
      }
      return done;
    },
    rmdir({ dirPath, recursive }) {
      const [path] = paths('rmdir', dirPath);
      if (!files.isFolder(path)) throw fault('rmdir', 10022);
      checkWritable('rmdir', path);
      const inside = files.below(path);
      if (inside.length > 0 && recursive !== true) throw fault('rmdir', 10027);
      for (const [within] of inside) files.remove(`${path}/${within}`);
      files.remove(path);
      return done;
    },
    saveFile({ tempFilePath, filePath }) {
      const [from] = paths('saveFile', tempFilePath);
      const file = files.find(from);
      if (!file) throw fault('saveFile', 10022);
      if (filePath === undefined && file.bytes.length > oneFile) throw fault('saveFile', 10028);
      const savedFilePath = filePath === undefined ? files.save(file) : paths('saveFile', filePath)[0];
      if (filePath !== undefined) put('saveFile', savedFilePath, file);
      // By the documents the temporary file is moved.
      if (from !== savedFilePath) files.remove(from);
      return { savedFilePath };
    },
    stat({ path: given, recursive }) {
      const [path] = paths('stat', given);
      if (!exists(path)) throw fault('stat', 10022);
      if (recursive !== true || !files.isFolder(path)) return { stats: stats(files.entries.get(path)) };
      return { stats: Object.fromEntries(files.below(path).map(([within, entry]) => [within, listed(stats(entry))])) };
    },
    unlink({ filePath }) {
      const [path] = paths('unlink', filePath);
      if (files.isFolder(path)) throw fault('unlink', 10023);
      if (!exists(path)) throw fault('unlink', 10022);
      if (!isInside(path) && !files.find(path).saved) throw fault('unlink', 10024);
      files.remove(path);
      return done;
    },
    async unzip({ zipFilePath, targetPath }) {
      const [from, to] = [zipFilePath, targetPath].map((path) => String(path ?? '').replace(/\/+$/, ''));
      const archive = files.find(from);
      if (to !== USER_FOLDER) checkWritable('unzip', to);
      if (!archive || !(to === USER_FOLDER || files.isFolder(parentOf(to)))) throw fault('unzip', 10022);
      const unpacked = await unzip(archive.bytes, { file: oneFile, all: space() }).catch(() => {
        throw fault('unzip', 3);
      });
      const folders = unpacked.flatMap(({ path, isFolder }) => foldersDownTo(`${to}/${path}`).slice(0, isFolder ? undefined : -1));
      const wanted = unpacked.filter(({ isFolder }) => !isFolder).map(({ path, content }) => [`${to}/${path}`, content]);
      if ([to, ...folders].some((path) => files.find(path)) || wanted.some(([path]) => files.isFolder(path))) throw fault('unzip', 3);
      for (const path of [...foldersDownTo(to), ...folders]) if (!files.isFolder(path)) files.makeFolder(path);
      for (const [path, bytes] of wanted) files.keep(path, { bytes, type: typeOf(path) });
      return done;
    },
    writeFile({ filePath, ...given }) {
      const [path] = paths('writeFile', filePath);
      const bytes = contentOf('writeFile', given);
      if (files.isFolder(path)) throw fault('writeFile', 3);
      put('writeFile', path, { bytes, type: typeOf(path) });
      return done;
    },
  };
}

const typeOf = (path) => TYPES[/\.(\w+)$/.exec(path)?.[1].toLowerCase()] ?? 'application/octet-stream';

const seconds = (milliseconds) => Math.floor(milliseconds / 1000);

const parentOf = (path) => path.slice(0, path.lastIndexOf('/'));

/** The folders between the user's folder and this one, this one last. */
function foldersDownTo(path) {
  const names = path
    .slice(USER_FOLDER.length + 1)
    .split('/')
    .filter(Boolean);
  return names.map((_, index) => [USER_FOLDER, ...names.slice(0, index + 1)].join('/'));
}

/** Describes a file or folder. Reading is not recorded, so both times are that of the last change (assumed). */
function stats({ isFolder = false, bytes, modified }) {
  return {
    mode: isFolder ? 0o40755 : 0o100644,
    size: isFolder ? 0 : bytes.length,
    lastAccessedTime: seconds(modified),
    lastModifiedTime: seconds(modified),
    isDirectory: () => isFolder,
    isFile: () => !isFolder,
  };
}

/** An entry of a list. The platform's page says that it is a Stats, but its example reads `entry.stats`; both work here. */
function listed(entry) {
  return { ...entry, stats: entry };
}
