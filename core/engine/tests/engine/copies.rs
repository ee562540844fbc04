//! Copies of random processes, for instances to go on in.

use crate::seeded::Random;

/// A process like the first one of a document.
pub(crate) struct Copied {
    pub(crate) document: String,
    /// What is called so in the process, and in its copy.
    pub(crate) ids: Vec<(String, String)>,
}

/// What is called so in a copy.
pub(crate) fn copied_id(id: &str) -> String {
    format!("other_{id}")
}

/// Copies the first process of a document under other ids, without some of its listeners.
pub(crate) fn copy(random: &mut Random, document: &str) -> Copied {
    let begin = document.find("<bpmn:process ").expect("a process");
    let end = document.find("</bpmn:process>").expect("its end") + "</bpmn:process>".len();
    let process = &document[begin..end];
    let after = |attribute: &str, text: &str| text.ends_with(attribute);
    let (mut out, mut ids) = (String::new(), Vec::new());
    for (number, part) in process.split('"').enumerate() {
        let is_value = number % 2 == 1;
        let is_id = is_value && after(" id=", &out[..out.len() - 1]);
        let refers = [" sourceRef=", " targetRef=", " attachedToRef=", " activityRef=", " default="];
        let chooses = is_value && after(" activeElementsCollection=", &out[..out.len() - 1]);
        let is_reference = is_value && refers.iter().any(|name| after(name, &out[..out.len() - 1]));
        let renamed = match part {
            "random" => "copy".to_owned(),
            part => copied_id(part),
        };
        let is_association = is_id && after("<bpmn:association id=", &out[..out.len() - 1]);
        if is_id && part != "random" && !is_association {
            ids.push((part.to_owned(), renamed.clone()));
        }
        if chooses {
            // The ids of what is chosen at the beginning, in quotes.
            let chosen: Vec<&str> = part.split("&quot;").collect();
            let named =
                |(at, text): (usize, &&str)| if at % 2 == 1 { copied_id(text) } else { (*text).to_owned() };
            out.push_str(&chosen.iter().enumerate().map(named).collect::<Vec<_>>().join("&quot;"));
        } else {
            out.push_str(if is_id || is_reference { &renamed } else { part });
        }
        out.push('"');
    }
    out.pop();
    let (open, close) = ("<zeebe:executionListeners>", "</zeebe:executionListeners>");
    let mut rest = out.split(open);
    let mut process = rest.next().unwrap_or_default().to_owned();
    for part in rest {
        let (listeners, behind) = part.split_once(close).expect("its end");
        if random.below(2) == 0 {
            process.push_str(&format!("{open}{listeners}{close}"));
        }
        process.push_str(behind);
    }
    let document = format!("{}{process}</bpmn:definitions>", &document[..begin]);
    // Elements and flows alone can be mapped.
    ids.retain(|(id, _)| !id.starts_with("link_of_"));
    Copied { document, ids }
}
