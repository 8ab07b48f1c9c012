import { useState } from 'react';
import { Button, Image, Text, View } from '@tarojs/components';
import type { Member, MiniauthError } from 'miniauth';
import { auth, SERVER } from '../../auth';

type User = { nickName: string; avatar: string };

export default function MemberPage() {
  const [user, setUser] = useState<User | null>(null);
  const [member, setMember] = useState<Member | null>(null);
  const [phone, setPhone] = useState('');
  const [customer, setCustomer] = useState('');
  const [advice, setAdvice] = useState('');

  /** Shows what can be done when it fails: nothing on the page depends on consent. */
  const attempt = async (act: () => Promise<void>) => {
    setAdvice('');
    try {
      await act();
    } catch (error) {
      setAdvice((error as MiniauthError).advice.zh);
    }
  };

  /** For display only: agreed or refused, both events of the button come here. */
  const show = (event: any) =>
    attempt(async () => {
      const info = await auth.getAuthUserInfo(event, { purpose: '在本页展示您的昵称与头像' });
      info.renderTo({ setData: (shown: any) => setUser(shown.user) }, 'user');
    });

  /** The server reads the member from the open platform and stores it. */
  const join = (event: any) =>
    attempt(async () => setMember(await auth.authorize(event, { purpose: '成为会员，用于会员等级与积分' })));

  const savePhone = (event: any) =>
    attempt(async () => setPhone((await auth.getPhoneNumber(event, { purpose: '配送时联系您' })).phoneNumber));

  /** Logs in silently when there is no session. */
  const order = () =>
    attempt(async () => {
      const { data } = (await auth.httpRequest({ url: `${SERVER}/session` })) as { data: any };
      setCustomer(data.member ? data.member.nick_name : '已登录的顾客');
    });

  const logout = () =>
    attempt(async () => {
      await auth.logout();
      setUser(null);
      setMember(null);
      setPhone('');
      setCustomer('');
    });

  return (
    <View className="page">
      {advice && <Text className="advice">{advice}</Text>}
      {user && (
        <View>
          <Image className="avatar" src={user.avatar} />
          <Text className="display-name">{user.nickName}</Text>
        </View>
      )}
      <Button className="show" openType="getAuthorize" scope="userInfo" onGetAuthorize={show} onError={show}>显示昵称与头像</Button>
      {member && <Text className="member-name">{member.nickName}</Text>}
      <Button className="join" onClick={join}>成为会员</Button>
      {phone && <Text className="phone-number">{phone}</Text>}
      <Button className="phone" openType="getAuthorize" scope="phoneNumber" onGetAuthorize={savePhone} onError={savePhone}>授权手机号</Button>
      {customer && <Text className="customer">{customer}</Text>}
      <Button className="order" onClick={order}>下单</Button>
      <Button className="logout" onClick={logout}>退出登录</Button>
    </View>
  );
}
