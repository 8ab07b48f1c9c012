module.exports = require('./dist/plain-module.js');
