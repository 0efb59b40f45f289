#pragma once

/// Chat templates from their loop over messages `m` on, which writes calls in the form of a family. Apart from the test, whose
/// moc does not read them.
namespace millm::templates {

inline constexpr auto tagged = R"(<|im_start|>{{ m.role }}
{% if m.content %}{{ m.content }}{% endif %}{% for c in m.tool_calls %}{% if not loop.first %}{{ '\n' }}{% endif %}<tool_call>
{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}
</tool_call>{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% endif %}{% endif %})";

inline constexpr auto thinking =
    R"(<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}{% endfor %}{% if add_generation_prompt %}<|assistant|><think>{% if quick %}

</think>

{% endif %}{% endif %})";

inline constexpr auto thoughtful =
    R"(<|{{ m.role }}|>{% if m.role == 'assistant' %}<think>
{{ m.reasoning_content | default('') }}
</think>

{% endif %}{{ m.content }}{% for c in m.tool_calls %}<tool_call>{"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}</tool_call>{% endfor %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% if enable_thinking is defined and not enable_thinking %}<think>

</think>

{% endif %}{% endif %})";

inline constexpr auto listed =
    R"({% if m.tool_calls %}[TOOL_CALLS][{% for c in m.tool_calls %}{{ '{"name": "' + c.function.name + '", "arguments": ' + (c.function.arguments | tojson) + ', "id": "' + c.id + '"}' }}{% if not loop.last %}, {% endif %}{% endfor %}]</s>{% elif m.role == 'user' %}[INST] {{ m.content }}[/INST]{% endif %}{% endfor %})";

inline constexpr auto single =
    R"(<|start|>{{ m.role }}<|end|>{% if m.tool_calls %}{% if m.tool_calls | length > 1 %}{{ raise_exception('one at a time') }}{% endif %}{"name": "{{ m.tool_calls[0].function.name }}", "parameters": {{ m.tool_calls[0].function.arguments | tojson }}}{% else %}{{ m.content }}{% endif %}<|eot|>{% endfor %}{% if add_generation_prompt %}<|start|>assistant<|end|>{% endif %})";

inline constexpr auto channels =
    R"(<|start|>{{ m.role }}{% if m.tool_calls %}<|channel|>commentary to=functions.{{ m.tool_calls[0].function.name }} <|constrain|>json<|message|>{{ m.tool_calls[0].function.arguments | tojson }}<|call|>{% else %}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}{% if add_generation_prompt %}<|start|>assistant{% endif %})";

}  // namespace millm::templates
