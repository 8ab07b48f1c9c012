// Nothing is authorised at launch: each page asks at the step that needs it.
App({});
