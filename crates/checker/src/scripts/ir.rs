//! The code that the analysis runs: every script is lowered to this small tree, which is independent of the parser's arena.

use std::sync::Arc;

/// A property or variable name.
pub type Name = Arc<str>;

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Range {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// The index of a function in [`Script::functions`]; 0 is the file's top level.
pub type FunctionIndex = u32;

/// A variable's index in [`Script::variables`].
pub type VariableIndex = u32;

/// One file's code.
#[derive(Debug, Default)]
pub struct Script {
    /// Every function, the top level first.
    pub functions: Vec<Function>,
    /// Every variable, indexed by [`ExprKind::Variable`].
    pub variables: Vec<Variable>,
    /// The modules that it requires or imports, as written. The project resolves them later.
    pub requests: Vec<Name>,
    /// The modules that webpack did not find: it wrote code that throws in their place.
    pub missing: Vec<Name>,
    /// The string constants with their places, for rules that only look at strings.
    pub strings: Vec<(Name, Range)>,
    /// The comments' ranges.
    pub comments: Vec<Range>,
    /// Whether the file uses `import` or `export`.
    pub is_module: bool,
    /// Whether it writes to an undeclared name or to a field of one, where other scripts may see it.
    pub writes_globals: bool,
}

impl Script {
    /// Whether its top level does nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.functions.first().is_none_or(|top| top.body.is_empty() && top.hoisted.is_empty())
    }
}

/// A module that a bundler has packed into a file.
#[derive(Debug)]
pub struct Packed {
    /// The id that others require it by.
    pub id: Name,
    /// The file that it was made from, if the bundler left its path in a comment or as the id.
    pub path: Option<Name>,
    /// Its code. Ranges refer to the packed file.
    pub script: Script,
}

/// A variable and where it lives.
#[derive(Debug, Clone)]
pub struct Variable {
    /// As written.
    pub name: Name,
    /// The function whose frame holds it.
    pub owner: FunctionIndex,
    /// Its place in that frame.
    pub slot: u32,
    /// Whether it only holds a part of an argument, as in `const scope = options.scope`, and is never written again.
    pub is_copy: bool,
}

/// A function's code.
#[derive(Debug, Default)]
pub struct Function {
    /// Its name, or that of the variable or property it was first given to.
    pub name: Option<Name>,
    /// The whole function.
    pub range: Range,
    /// Parameters in order; the last may be [`Pattern::Rest`].
    pub parameters: Vec<Pattern>,
    /// The statements; an arrow function's expression becomes a return.
    pub body: Vec<Stmt>,
    /// Function declarations, hoisted to the start of the body.
    pub hoisted: Vec<(VariableIndex, FunctionIndex)>,
    /// The variable through which a named function expression refers to itself.
    pub itself: Option<VariableIndex>,
    /// The number of variables in a frame.
    pub slots: u32,
    /// Whether calling it returns a promise.
    pub is_async: bool,
    /// Whether it yields.
    pub is_generator: bool,
    /// Whether it uses the `this` of the surrounding function.
    pub is_arrow: bool,
    /// The compiler's helper, or the part of a framework's runtime, that its shape was recognised as.
    pub helper: Option<&'static str>,
}

/// An expression with its place.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is written.
    pub range: Range,
}

/// The kinds of expressions that the analysis distinguishes.
#[derive(Debug)]
pub enum ExprKind {
    /// A number, a regular expression or anything else that carries no information.
    Other,
    /// `undefined` or an omitted value.
    Undefined,
    /// `null`, as a field of an object that later code may fill.
    Null,
    /// `true` or `false`
    Truth(bool),
    /// A small whole number, as in an index.
    Number(u32),
    /// A string.
    Text(Name),
    /// A variable of the file.
    Variable(VariableIndex),
    /// A name that the file does not declare.
    Global(Name),
    /// `this`
    This,
    /// `super`
    Super,
    /// An object literal.
    Object(Vec<Property>),
    /// An array literal.
    Array(Vec<Argument>),
    /// A function expression.
    Function(FunctionIndex),
    /// A class.
    Class(Box<Class>),
    /// `object.name`; the range is the name's.
    Member(Box<Expr>, Name, Range),
    /// `object[key]`
    Index(Box<Expr>, Box<Expr>),
    /// A call.
    Call(Box<Expr>, Vec<Argument>),
    /// `new callee(...)`
    New(Box<Expr>, Vec<Argument>),
    /// An assignment; `combine` if the old value stays part of the new one, as with `+=` and `||=`.
    Assign {
        /// The target.
        target: Box<Pattern>,
        /// The new value.
        value: Box<Expr>,
        /// Whether the old value is kept.
        combine: bool,
    },
    /// A string concatenation or template.
    Concat(Vec<Expr>),
    /// An operation whose result depends on all its operands, such as arithmetic.
    Mix(Vec<Expr>),
    /// An operation whose result carries no relevant information about its operands, such as `!x` or `a < b`.
    Drop(Vec<Expr>),
    /// `a === b`, `a == b` or their negation.
    Equal {
        /// One side.
        left: Box<Expr>,
        /// The other.
        right: Box<Expr>,
        /// Whether it is `!==` or `!=`.
        negated: bool,
    },
    /// `!x`
    Not(Box<Expr>),
    /// `a && b`: `a` or `b`.
    And(Box<Expr>, Box<Expr>),
    /// `a || b` and `a ?? b`.
    Or(Box<Expr>, Box<Expr>),
    /// `test ? a : b`
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a, b`
    Sequence(Vec<Expr>),
    /// `await x`
    Await(Box<Expr>),
    /// `yield x`
    Yield(Box<Expr>),
    /// `import('x')`
    Import(Box<Expr>),
    /// The exports of the file's n-th request, for `import * as x`.
    Module(u32),
    /// The named export of the file's n-th request.
    Imported(u32, Name),
}

/// One entry of an object literal.
#[derive(Debug)]
pub enum Property {
    /// `name: value`
    Named(Name, Expr),
    /// `[key]: value`
    Computed(Expr, Expr),
    /// `...value`
    Spread(Expr),
    /// `get name() { ... }`
    Getter(Name, Expr),
    /// `set name(value) { ... }`
    Setter(Name, Expr),
}

/// An argument or an element.
#[derive(Debug)]
pub enum Argument {
    /// A plain one.
    Plain(Expr),
    /// `...value`
    Spread(Expr),
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// The parent class.
    pub parent: Option<Expr>,
    /// Its constructor.
    pub constructor: Option<FunctionIndex>,
    /// Methods, accessors and static members.
    pub members: Vec<Member>,
    /// Fields, set on `this` at construction: one function without arguments for each.
    pub fields: Vec<(Name, FunctionIndex)>,
}

/// A member of a class's prototype or, when static, of the class.
#[derive(Debug)]
pub struct Member {
    /// Whether it belongs to the class itself.
    pub is_static: bool,
    /// How it is read and written.
    pub access: Access,
    /// The name.
    pub name: Name,
    /// The method, the accessor's function or the value.
    pub value: Expr,
}

/// How a member is read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As it is.
    Plain,
    /// Reading calls it.
    Getter,
    /// Writing calls it.
    Setter,
}

/// What a value is bound to.
#[derive(Debug)]
pub enum Pattern {
    /// A variable.
    Variable(VariableIndex, Range),
    /// A global name.
    Global(Name),
    /// `object.name` or `object[key]`
    Place(Box<Expr>),
    /// `{ name: pattern, ...rest }`
    Object(Vec<(Key, Pattern)>, Option<Box<Pattern>>),
    /// `[pattern, , pattern]`
    Array(Vec<Option<Pattern>>),
    /// `pattern = value`
    Default(Box<Pattern>, Box<Expr>),
    /// `...pattern`, last in a parameter list or an array pattern.
    Rest(Box<Pattern>),
}

/// The key of an object pattern.
#[derive(Debug)]
pub enum Key {
    /// A fixed name, its range, and whether it also names the variable.
    Name(Name, Range, bool),
    /// `[expression]`
    Computed(Expr),
}

/// A statement.
#[derive(Debug)]
pub enum Stmt {
    /// An expression.
    Expr(Expr),
    /// `const pattern = value`
    Declare(Pattern, Option<Expr>),
    /// `if (test) then else otherwise`
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    /// Any loop: its initialiser, its test, and its body with the update.
    Loop(Vec<Stmt>, Option<Expr>, Vec<Stmt>),
    /// `for (pattern of values)`; with `for in`, `keys` is true.
    Each {
        /// The pattern that each value is bound to.
        pattern: Pattern,
        /// The collection.
        values: Expr,
        /// Whether it visits the keys.
        keys: bool,
        /// The body.
        body: Vec<Stmt>,
    },
    /// `switch`: each case with its test.
    Switch(Expr, Vec<(Option<Expr>, Vec<Stmt>)>),
    /// `try`: the block, the catch clause's parameter and block, the finalizer.
    Try(Vec<Stmt>, Option<(Option<Pattern>, Vec<Stmt>)>, Vec<Stmt>),
    /// `return value`
    Return(Option<Expr>, Range),
    /// `throw value`
    Throw(Expr),
    /// `break` or `continue`
    Leave,
    /// A block.
    Block(Vec<Stmt>),
    /// `export { variable as name }`
    Export(Name, VariableIndex),
    /// `export default value`
    ExportDefault(Expr),
    /// `export * from` the n-th request; with a name, `export * as name`.
    ExportAll(u32, Option<Name>),
    /// `export { imported as name } from` the n-th request.
    ExportFrom(u32, Name, Name),
    /// TypeScript's `export = value`
    ExportAssign(Expr),
}
