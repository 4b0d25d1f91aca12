use memscope::arena::Region;

fn exchange<'r>(parent: &mut Region<'r>, child: &mut Region<'r>) {
    std::mem::swap(parent, child);
}

fn main() {
    let (mut one, mut two) = (memscope::arena::Arena::new(), memscope::arena::Arena::new());
    one.scope(|left| two.scope(|right| exchange(left, right)));
}
