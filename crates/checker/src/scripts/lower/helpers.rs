//! Compilers' helpers, recognised by their shape: a minifier renames them and puts a copy into every module.

/// A function longer than this is not a helper.
const MAX_LENGTH: usize = 900;

/// If a function is a helper: the compiler's name for it, whatever its current name.
pub(super) fn helper_of(source: &str) -> Option<&'static str> {
    if source.len() > MAX_LENGTH || !source.starts_with("function") {
        return is_regenerator(source).then_some("_regenerator");
    }
    let text: String = source.chars().filter(|letter| !letter.is_whitespace()).collect();
    let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
    let quoted = |word: &str| has(&[&format!("\"{word}\"")]) || has(&[&format!("'{word}'")]);
    let (head, body) = text.split_once("){")?;
    let parameters: Vec<&str> = head.split_once('(')?.1.split(',').filter(|name| !name.is_empty()).collect();
    // A helper starts with its own code. A function that merely contains a copy of a helper does not.
    let begins = |words: &[&str]| words.iter().any(|word| body.starts_with(word));
    match *parameters.as_slice() {
        [_] if begins(&["returnfunction(){"])
            && has(&["newPromise(", ".apply("])
            && quoted("next")
            && quoted("throw") =>
        {
            Some("_asyncToGenerator")
        }
        [_] if begins(&["for(var"]) && has(&["arguments.length", "?arguments["]) => Some("_objectSpread"),
        [value] if body.starts_with(&format!("return{value}&&{value}.__esModule?{value}:{{")) => {
            Some("_interopRequireDefault")
        }
        [value] if tries(body).is_some_and(|tries| is_one_of_these(&tries, value, value)) => Some("_toConsumableArray"),
        [value, other]
            if tries(body).is_some_and(|tries| is_one_of_these(&tries, value, &format!("{value},{other}"))) =>
        {
            Some("_slicedToArray")
        }
        [_, _] if begins(&["if(!("]) && has(&["Cannotcallaclassasafunction"]) => Some("_classCallCheck"),
        [_, _, _] if has(&["Reflect.construct(", ").constructor)", ".apply("]) => Some("_callSuper"),
        [_, _] if begins(&["if("]) && has(&["Superexpressionmusteitherbenull"]) => Some("_inherits"),
        [_, _] if begins(&["if("]) && has(&[".indexOf(", "propertyIsEnumerable"]) => Some("_objectWithoutProperties"),
        [object, ..] if parameters.len() == 3 && is_definition(&text, object) => Some("_defineProperty"),
        [class, members, statics] if begins(&[&format!("return{members}&&"), &format!("if({members})")]) => {
            let gives = |target: &str, members: &str| body.contains(&format!("({target},{members})"));
            (gives(&format!("{class}.prototype"), members) && gives(class, statics)).then_some("_createClass")
        }
        [_, _, kind, _] if has(&[&format!("new({kind}||({kind}=Promise))("), ".next(", ".done?"]) => Some("__awaiter"),
        [_, _] if begins(&["var"]) && has(&["={label:0,sent:function(){", "trys:[]", "ops:[]"]) => Some("__generator"),
        _ => None,
    }
}

/// The longest source of Babel's `_regenerator`, before minifying.
const MAX_REGENERATOR_LENGTH: usize = 16_000;

/// Whether it is the function that runs generators as state machines: it takes no parameters and contains these texts.
fn is_regenerator(source: &str) -> bool {
    let has = |words: &[&str]| words.iter().all(|word| source.contains(word));
    let takes_nothing = source.split_once(')').is_some_and(|(head, _)| head.ends_with('('));
    source.len() < MAX_REGENERATOR_LENGTH
        && takes_nothing
        && has(&["Generator is already running", "GeneratorFunction"])
}

/// The longest source of `_defineProperty`, before minifying.
const MAX_DEFINITION_LENGTH: usize = 260;

fn is_definition(text: &str, object: &str) -> bool {
    let defines = |yes: &str| text.contains(&format!("enumerable:{yes},configurable:{yes},writable:{yes}"));
    let is_short = text.len() < MAX_DEFINITION_LENGTH;
    is_short && text.contains(&format!("Object.defineProperty({object},")) && (defines("!0") || defines("true"))
}

/// The calls of `return a(x) || b(x, y) || c()`, in order.
fn tries(body: &str) -> Option<Vec<&str>> {
    let tried = body.strip_prefix("return")?.trim_end_matches(['}', ';']);
    let tries: Vec<&str> = tried.split("||").collect();
    (tries.len() > 2).then_some(tries)
}

/// Whether the first call receives the value, the last one nothing, and all calls between them the arguments `given`.
fn is_one_of_these(tries: &[&str], value: &str, given: &str) -> bool {
    let [first, between @ .., last] = tries else { return false };
    let calls = |call: &str, with: &str| {
        call.strip_suffix(&format!("({with})"))
            .is_some_and(|name| name.chars().all(|letter| letter.is_alphanumeric() || "_$".contains(letter)))
    };
    calls(first, value) && calls(last, "") && between.iter().all(|call| calls(call, given))
}

#[cfg(test)]
mod tests {
    use super::helper_of;

    #[test]
    fn helpers_are_known_by_their_shape() {
        let known = [
            (
                "function i(t){return function(){var e=this,n=arguments;return new Promise((function(r,o){var i=t.apply(e,n);\
                 function a(t){u(i,r,o,a,s,\"next\",t)}function s(t){u(i,r,o,a,s,\"throw\",t)}a(void 0)}))}}",
                "_asyncToGenerator",
            ),
            (
                "function a(n){for(var e=1;e<arguments.length;e++){var t=null!=arguments[e]?arguments[e]:{},o=Object.keys(t);\
                 o.forEach(function(e){r(n,e,t[e])})}return n}",
                "_objectSpread",
            ),
            (
                "function s(e){for(var t=1;t<arguments.length;t++){var n=null!=arguments[t]?arguments[t]:{};t%2?c(Object(n),!0)\
                 .forEach((function(t){l(e,t,n[t])})):Object.getOwnPropertyDescriptors?Object.defineProperties(e,\
                 Object.getOwnPropertyDescriptors(n)):c(Object(n)).forEach((function(t){}))}return e}",
                "_objectSpread",
            ),
            (
                "function r(n, e, t) { return e in n ? Object.defineProperty(n, e, { value: t, enumerable: true, \
                 configurable: true, writable: true }) : n[e] = t, n }",
                "_defineProperty",
            ),
            ("function v(e,l){return b(e)||i(e,l)||o()}", "_slicedToArray"),
            ("function f(t){return d(t)||h(t)||p(t)||l()}", "_toConsumableArray"),
            ("function o(n){return n&&n.__esModule?n:{default:n}}", "_interopRequireDefault"),
            ("function c(t,e,n){return e&&u(t.prototype,e),n&&u(t,n),t}", "_createClass"),
        ];
        for (source, name) in known {
            assert_eq!(helper_of(source), Some(name), "{source}");
        }
    }

    #[test]
    fn other_functions_are_not_taken_for_helpers() {
        let others = [
            "function pick(user,other){return send(user)||send(user,other)||send(other)}",
            "function load(id){return cached(id)||fetched(id,1)||none()}",
            "function save(a,b,c){return my.request({data:a}),c}",
            "function n(e){return e&&e.__esModule}",
            "function all(){for(var e=1;e<arguments.length;e++)send(arguments[e])}",
            "function(e){var a=n(1);var b=new a(function(e){for(var t=1;t<arguments.length;t++){var n=null!=arguments[t]?\
             arguments[t]:{};Object.keys(n).forEach(function(t){e[t]=n[t]})}return e}({},a));e(b).$mount()}",
        ];
        for source in others {
            assert_eq!(helper_of(source), None, "{source}");
        }
    }
}
