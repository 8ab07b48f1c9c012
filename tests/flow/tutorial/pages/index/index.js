// An app as in the tutorial of 2017, without the package: the platform's old calls, and a server of its own. The tutorial's mistakes are
// corrected: the answer's field is authCode, the address is https, and the calls follow a tap.
Page({
  data: { shown: null, saved: null, failed: '' },

  // For display only.
  show() {
    my.getAuthCode({
      scopes: 'auth_user',
      success: () => {
        my.getAuthUserInfo({
          success: ({ nickName, avatar }) => this.setData({ shown: { nickName, avatar } }),
          fail: (failure) => this.setData({ failed: `getAuthUserInfo ${failure.error}` }),
        });
      },
      fail: (failure) => this.setData({ failed: `getAuthCode ${failure.error}` }),
    });
  },

  // For storing: the server exchanges the code, reads the member and stores it; the page shows the stored member.
  save() {
    my.getAuthCode({
      scopes: 'auth_user',
      success: (res) => {
        my.httpRequest({
          url: 'https://api.shop.example/auth',
          method: 'POST',
          data: { authcode: res.authCode, scope: 'auth_user' },
          success: ({ data }) => this.setData({ saved: data.member }),
          fail: (failure) => this.setData({ failed: `httpRequest ${failure.error} ${failure.status}` }),
        });
      },
      fail: (failure) => this.setData({ failed: `getAuthCode ${failure.error}` }),
    });
  },
});
