my.getAuthCode({

 scopes: 'auth_user',

 success: (res) => { //获取用户信息

 my.getAuthUserInfo({

 success: (res) => {

 my.alert(res.nickName); //获取的用户昵称

 my.alert(res.avatar); //获取的用户头像图片

 }

 });

 },

 });
