export default defineAppConfig({
  pages: ['pages/member/member'],
  window: { navigationBarTitleText: '示例小店', navigationBarBackgroundColor: '#fbfaf6' },
});
