my.getAuthCode({
  scopes: 'auth_user',
  success: (res) => {
    my.getAuthUserInfo({
      success: ({ nickName, avatar }) => {
        console.log({ nickName, avatar })
      }
    });
  },
});
