import MiLLM

/// Consent to run a repository's own code.
CheckBox {
    text: qsTr("Trust Remote Code")
    remark: qsTr("- Required for some models (Phi-4, CodeLlama, etc.)")
    tint: Theme.colors.warn
    hint: qsTr("Some repositories ship Python code of their own. miLLM never runs it: ticking this only accepts such a repository where miLLM knows the model by itself.")
}
