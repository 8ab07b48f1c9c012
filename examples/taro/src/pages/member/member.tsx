import { useState } from 'react';
import { Button, Image, Text, View } from '@tarojs/components';
import { AuthorizeButton, useAuth } from 'miniauth/react';
import { auth, SERVER } from '../../auth';

export default function MemberPage() {
  const { display, member, phone, advice, show, join, savePhone, attempt, logout } = useAuth(auth);
  const [customer, setCustomer] = useState('');

  /** Logs in silently if there is no session. */
  const order = () =>
    attempt(async () => {
      const { data } = (await auth.httpRequest({ url: `${SERVER}/session` })) as { data: any };
      setCustomer(data.member ? data.member.nick_name : '已登录的顾客');
    });

  const leave = async () => {
    await logout();
    setCustomer('');
  };

  return (
    <View className="page">
      {advice && <Text className="advice">{advice}</Text>}
      {display && (
        <View>
          <Image className="avatar" src={display.avatar ?? ''} />
          <Text className="display-name">{display.nickName}</Text>
        </View>
      )}
      <AuthorizeButton className="show" scope="userInfo" onAnswer={(event) => show(event, { purpose: '在本页展示您的昵称与头像' })}>
        显示昵称与头像
      </AuthorizeButton>
      {member && <Text className="member-name">{member.nickName}</Text>}
      <Button className="join" onClick={(event) => join(event, { purpose: '成为会员，用于会员等级与积分' })}>
        成为会员
      </Button>
      {phone && <Text className="phone-number">{phone.phoneNumber}</Text>}
      <AuthorizeButton className="phone" scope="phoneNumber" onAnswer={(event) => savePhone(event, { purpose: '配送时联系您' })}>
        授权手机号
      </AuthorizeButton>
      {customer && <Text className="customer">{customer}</Text>}
      <Button className="order" onClick={order}>
        下单
      </Button>
      <Button className="logout" onClick={leave}>
        退出登录
      </Button>
    </View>
  );
}
