use miniauth_core::display::{DisplayInfo, Shown};

fn main() {
    let info = DisplayInfo::new(Some("张伟".into()), None);
    let mut kept: Option<Shown<'static>> = None;
    info.render(|shown| kept = Some(shown));
}
