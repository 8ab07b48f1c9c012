use miniauth_core::display::DisplayInfo;

fn main() {
    let info = DisplayInfo::new(Some("张伟".into()), None);
    serde_json::to_string(&info).unwrap();
}
