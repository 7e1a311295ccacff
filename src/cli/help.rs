//! `eeg-tui help`: a command's options, or a page of the documentation, for those who have the program and not its folder.

use super::{Cli, Failure, Outcome, print};
use clap::CommandFactory;

/// What `help` understands.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A command, such as 'data import', or a topic
    #[arg(value_name = "COMMAND or TOPIC")]
    words: Vec<String>,
}

/// A page of the documentation.
struct Topic {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

/// Every page that the program carries.
const TOPICS: [Topic; 15] = [
    Topic {
        name: "tutorial",
        about: "A first hour: from a recording to a report",
        text: include_str!("../../docs/tutorial.md"),
    },
    Topic {
        name: "panes",
        about: "The screen, pane by pane: what each shows, and its keys",
        text: concat!(
            include_str!("../../docs/panes/runs.md"),
            "\n",
            include_str!("../../docs/panes/detail.md"),
            "\n",
            include_str!("../../docs/panes/compare.md"),
            "\n",
            include_str!("../../docs/panes/matrix.md"),
            "\n",
            include_str!("../../docs/panes/alpha.md"),
            "\n",
            include_str!("../../docs/panes/models.md"),
            "\n",
            include_str!("../../docs/panes/data.md"),
            "\n",
            include_str!("../../docs/panes/load.md")
        ),
    },
    Topic {
        name: "honesty",
        about: "What the tables say and don't: intervals, the set of the best, chance, choosing",
        text: include_str!("../../docs/honesty.md"),
    },
    Topic {
        name: "recordings",
        about: "The form of a data set, and how recordings become one",
        text: include_str!("../../docs/recordings.md"),
    },
    Topic { name: "keys", about: "Every key of the screen", text: include_str!("../../docs/keys.md") },
    Topic {
        name: "commands",
        about: "The command line by examples, exit codes, weights",
        text: include_str!("../../docs/commands.md"),
    },
    Topic {
        name: "notebook",
        about: "What lies on disk, and a worker that outlives your login",
        text: include_str!("../../docs/notebook.md"),
    },
    Topic { name: "networks", about: "Networks as text files", text: include_str!("../../docs/networks.md") },
    Topic {
        name: "outward",
        about: "The report, tables for a paper, TensorBoard, MLflow, W&B, ONNX, Python",
        text: include_str!("../../docs/outward.md"),
    },
    Topic {
        name: "clusters",
        about: "Slurm, shared folders, cards, machines without a compiler",
        text: include_str!("../../docs/clusters.md"),
    },
    Topic {
        name: "cards",
        about: "NVIDIA cards and Apple's: what is proven, and how to check",
        text: include_str!("../../docs/card.md"),
    },
    Topic {
        name: "coming-from",
        about: "What you know from MNE, braindecode, MOABB, W&B, and where it is here",
        text: include_str!("../../docs/coming-from.md"),
    },
    Topic {
        name: "reliability",
        about: "What is done so that nothing is lost, and how it was tested",
        text: include_str!("../../docs/reliability.md"),
    },
    Topic {
        name: "speed",
        about: "Seconds per epoch beside PyTorch's",
        text: include_str!("../../docs/speed.md"),
    },
    Topic {
        name: "screen",
        about: "The screen beside others of its kind, its themes and manners",
        text: include_str!("../../docs/screen.md"),
    },
];

/// Runs the command.
pub fn run(args: &Args) -> Outcome {
    if let [name] = args.words.as_slice()
        && let Some(topic) = TOPICS.iter().find(|topic| topic.name == name)
    {
        return print(topic.text);
    }
    let mut command = Cli::command();
    command.build();
    let mut found = &mut command;
    for word in &args.words {
        let Some(inner) = found.find_subcommand_mut(word) else { return Err(unknown(word)) };
        found = inner;
    }
    let mut text = found.render_long_help().to_string();
    if args.words.is_empty() {
        text += "\nTopics, by 'eeg-tui help TOPIC':\n";
        for topic in &TOPICS {
            text += &format!("  {:<13}{}\n", topic.name, topic.about);
        }
    }
    print(&text)
}

fn unknown(word: &str) -> Failure {
    let topics: Vec<&str> = TOPICS.iter().map(|topic| topic.name).collect();
    Failure::usage(format!(
        "there is no command or topic '{word}'; 'eeg-tui help' lists the commands, and the topics are {}",
        topics.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_page_of_the_documentation_is_a_topic_or_part_of_one() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        let contents = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
        let pages = contents.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for page in pages {
            let text = fs::read_to_string(docs.join(page)).unwrap();
            assert!(TOPICS.iter().any(|topic| topic.text.contains(&text)), "{page}");
        }
    }
}
