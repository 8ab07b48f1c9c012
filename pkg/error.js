module.exports = require('./dist/error.js');
