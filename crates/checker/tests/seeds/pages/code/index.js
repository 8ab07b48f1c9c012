//获取用户信息

 my.getAuthCode({

 scopes: 'auth_user', //授权类型，默认auth_base(静默授权)，支持auth_base/auth_user(主动授权)

 success: (res) => {

 my.alert(res.authCode); //获取的autoCode授权码

 },

 });
