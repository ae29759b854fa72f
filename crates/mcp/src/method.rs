//! The methods of the protocol, each named once.

macro_rules! methods {
    ($($name:ident = $text:literal;)*) => {
        /// A method of the protocol.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Method {
            $(#[doc = $text] $name,)*
            /// A method that this hub does not know.
            Other(Box<str>),
        }

        impl Method {
            /// The method whose name is `text`.
            pub fn from_name(text: &str) -> Method {
                match text { $($text => Method::$name,)* other => Method::Other(other.into()) }
            }

            /// The name as it stands in messages.
            pub fn name(&self) -> &str {
                match self { $(Method::$name => $text,)* Method::Other(text) => text }
            }
        }
    };
}

methods! {
    Initialize = "initialize";
    Initialized = "notifications/initialized";
    Discover = "server/discover";
    Listen = "subscriptions/listen";
    Acknowledged = "notifications/subscriptions/acknowledged";
    Ping = "ping";
    ToolsList = "tools/list";
    ToolsCall = "tools/call";
    PromptsList = "prompts/list";
    PromptsGet = "prompts/get";
    ResourcesList = "resources/list";
    TemplatesList = "resources/templates/list";
    ResourcesRead = "resources/read";
    ResourcesSubscribe = "resources/subscribe";
    ResourcesUnsubscribe = "resources/unsubscribe";
    Complete = "completion/complete";
    SetLevel = "logging/setLevel";
    Cancelled = "notifications/cancelled";
    Progress = "notifications/progress";
    LogMessage = "notifications/message";
    ToolsChanged = "notifications/tools/list_changed";
    PromptsChanged = "notifications/prompts/list_changed";
    ResourcesChanged = "notifications/resources/list_changed";
    ResourceUpdated = "notifications/resources/updated";
    RootsChanged = "notifications/roots/list_changed";
    RootsList = "roots/list";
    CreateMessage = "sampling/createMessage";
    Elicit = "elicitation/create";
    ElicitComplete = "notifications/elicitation/complete";
    TasksGet = "tasks/get";
    TasksResult = "tasks/result";
    TasksList = "tasks/list";
    TasksCancel = "tasks/cancel";
    TasksUpdate = "tasks/update";
    TaskStatus = "notifications/tasks/status";
    TaskNote = "notifications/tasks";
}
