/** The test user of every behaviour, with a nickname that is hard to transport. */
exports.nickName = '爱喝茶的小张😀"}{\\';
exports.avatar = 'https://avatars.shop.example/fresh.png';
exports.purpose = '在本页展示您的昵称与头像';

/** The nickname in base64, because page logic has no function for it. */
exports.nickNameInBase64 = '54ix5Zad6Iy255qE5bCP5byg8J+YgCJ9e1w=';
