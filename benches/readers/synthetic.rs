//! A reply as of a computer with a very long queue, made of a recorded one.

/// The recording that is repeated: 172 tasks of two projects, few of them with a slot, as a long queue has.
const RECORDED: &[u8] = include_bytes!("../../tests/data/replies/7.20.5_most_tasks_user_suspended/get_state.xml");

/// The recording with its workunits and tasks repeated, under other names, until there are `tasks` tasks; if these are
/// fewer than it has, the first ones of each project. One or two more, for each project has its share of them.
pub fn get_state(tasks: usize) -> Vec<u8> {
    let recorded = RECORDED.split(|byte| *byte == b'\n').filter(|line| line.trim_ascii() == b"<result>").count();
    let mut reply = Vec::new();
    let mut rest = RECORDED;
    while let Some((position, name)) = next_run(rest) {
        reply.extend_from_slice(&rest[..position]);
        let elements = run(&rest[position..], name);
        for number in 0..(elements.len() * tasks).div_ceil(recorded) {
            copy(elements[number % elements.len()], number / elements.len(), &mut reply);
        }
        rest = &rest[position + elements.iter().map(|element| element.len()).sum::<usize>()..];
    }
    reply.extend_from_slice(rest);
    reply
}

/// Where the next workunit or task begins, and which of the two it is.
fn next_run(text: &[u8]) -> Option<(usize, &'static str)> {
    ["workunit", "result"]
        .into_iter()
        .filter_map(|name| Some((memchr::memmem::find(text, format!("<{name}>\n").as_bytes())?, name)))
        .min()
}

/// The elements of this name that follow each other.
fn run<'a>(mut text: &'a [u8], name: &str) -> Vec<&'a [u8]> {
    let (open, close) = (format!("<{name}>\n"), format!("</{name}>\n"));
    let mut elements = Vec::new();
    while text.starts_with(open.as_bytes()) {
        let end = memchr::memmem::find(text, close.as_bytes()).expect("recorded elements are closed") + close.len();
        elements.push(&text[..end]);
        text = &text[end..];
    }
    elements
}

fn copy(element: &[u8], copy: usize, reply: &mut Vec<u8>) {
    for line in element.split_inclusive(|byte| *byte == b'\n') {
        let text = std::str::from_utf8(line).expect("workunits and tasks were recorded in UTF-8");
        let named = ["</name>", "</wu_name>"].into_iter().find_map(|close| text.split_once(close));
        match named {
            Some((before, _)) => {
                reply.extend_from_slice(before.as_bytes());
                reply.extend_from_slice(format!("_c{copy:03}").as_bytes());
                reply.extend_from_slice(&line[before.len()..]);
            }
            None => reply.extend_from_slice(line),
        }
    }
}
