struct Mine;

impl memscope::arena::Source for Mine {}

fn main() {}
