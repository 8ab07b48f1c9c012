module.exports = {
  projectName: 'miniauth-shop',
  designWidth: 750,
  deviceRatio: { 375: 2, 640: 1.17, 750: 1, 828: 0.905 },
  sourceRoot: 'src',
  outputRoot: 'dist',
  framework: 'react',
  compiler: 'webpack5',
  // For the simulator: exclude dist/**/*.map from what you upload.
  mini: { enableSourceMap: true, sourceMapType: 'source-map' },
  h5: {},
};
