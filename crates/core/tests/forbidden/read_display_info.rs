use miniauth_core::display::DisplayInfo;

fn main() {
    let info = DisplayInfo::new(Some("张伟".into()), None);
    println!("{:?}", info.nick_name);
}
