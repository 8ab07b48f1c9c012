module.exports = require('./dist/wasm.js');
