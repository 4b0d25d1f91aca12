//! The HTML page.

use memscope::report::{Growth, Report};

use crate::{report_of, without_stacks};

/// Elements that have no end tag.
const VOID: [&str; 4] = ["!doctype", "meta", "polygon", "polyline"];

/// Every element is closed in its turn.
fn check_nesting(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = part.split('>').next().unwrap_or_default();
        let name = tag
            .split([' ', '\n', '/'])
            .find(|name| !name.is_empty())
            .expect("a tag has a name");
        match tag.strip_prefix('/') {
            Some(_) => assert_eq!(open.pop(), Some(name)),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let mut growth = Growth::new(10);
    (0..5).for_each(|_| growth.tick());
    let page = report_of("page").with_growth(&growth).to_html();
    check_nesting(&page);
    for part in ["<script", "http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<polyline class=\"live\" points=\"0.0,"));
    assert!(page.contains("page#7<small>opened at "), "{page}");
}

#[test]
fn names_cannot_leave_their_place() {
    let page = report_of("<script>alert('x')</script> & \"y\"").to_html();
    check_nesting(&page);
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;#7"));
}

#[test]
fn sites_unfold_into_their_stacks() {
    if without_stacks() {
        return;
    }
    let page = report_of("page of sites").to_html();
    assert!(page.contains("<li><code>report::buffer ("), "{page}");
}

#[test]
fn without_ticks_there_is_no_chart() {
    let page = Report::take().with_growth(&Growth::new(2)).to_html();
    assert!(!page.contains("<svg"));
}
